"""What can be counted: the metrics the installation shows to Prometheus."""
