# Stratified permutation by coin, exact: Rscript strata.R > strata.csv
suppressMessages(library(coin))
d <- data.frame(
  stratum = rep(c("a", "b", "c"), each = 4), arm = rep(c("pilot", "pilot", "comparison", "comparison"), 3),
  change = c(.12, -.03, .08, -.11, .31, .22, .02, .05, -.2, -.07, -.26, -.3)
)
test <- oneway_test(change ~ factor(arm) | factor(stratum), d, distribution = "exact")
d$p <- as.numeric(pvalue(test))
write.csv(d, stdout(), row.names = FALSE, quote = FALSE)
