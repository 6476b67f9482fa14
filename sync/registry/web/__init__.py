"""The registry on HTTP: the nodes' paths, the operators' pages, the reading API."""
