"""The page that stage `report` writes."""
