"""The site's end of sync: what follows the journal and proves that it arrived."""
