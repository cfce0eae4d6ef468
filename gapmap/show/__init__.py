"""Show: maps and charts; the only home of matplotlib and folium."""
