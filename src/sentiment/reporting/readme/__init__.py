"""The generated parts of what a person reads beside the reports."""
