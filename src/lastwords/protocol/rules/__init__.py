"""What the cells of the table do, one file per thing that happens. Nothing here is called but through the table."""
