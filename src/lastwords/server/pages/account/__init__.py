"""What every person does here, whatever their part: come in, keep their ways in, be reached, keep paper."""
