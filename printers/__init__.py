"""Documents, printer languages, connections and the spooler: no word of medicine."""
