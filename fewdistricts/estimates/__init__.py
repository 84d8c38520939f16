"""From survey answers to rows of the estimates table: the only place where a number is computed."""
