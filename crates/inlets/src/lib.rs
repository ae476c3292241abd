//! What fills a workforce directory: the table of source attributes and the CSV import.
