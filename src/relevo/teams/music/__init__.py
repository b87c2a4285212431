"""The care desk of a music distributor: sales, support and royalties."""
