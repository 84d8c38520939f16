"""From an executed notebook to a PDF and an HTML file: one reading of it, two writers, two nbconvert exporters."""
