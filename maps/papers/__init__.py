"""What is handed over on paper: assignment sheets and their receipts, as pages and as DOCX."""
