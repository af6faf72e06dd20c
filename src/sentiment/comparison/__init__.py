"""Records of many cells side by side: intervals, tests, differences."""
