# Expected values for the rules over districts: Rscript rules.R, in this folder; writes rules.csv.
suppressMessages({library(multcomp); library(mvtnorm); library(metafor); library(survey); library(coin); library(clubSandwich)})
options(digits = 15)
out <- data.frame()
add <- function(block, quantity, group = "", est = NA, se = NA, df = NA, lo = NA, hi = NA, p = NA, extra = NA)
  out <<- rbind(out, data.frame(block = block, quantity = quantity, group = group, estimate = as.numeric(est), se = as.numeric(se),
    df = as.numeric(df), lo = as.numeric(lo), hi = as.numeric(hi), p = as.numeric(p), extra = as.numeric(extra)))

d <- read.csv("input_survey.csv", stringsAsFactors = FALSE)
level <- function(y, rows) sapply(split(d[rows, ], d$district[rows]), function(s) sum(s$weight * s[[y]]) / sum(s$weight))
districts <- sort(unique(d$district))
arm <- as.numeric(sapply(split(d$treat, d$district), max))
change <- function(y, keep = TRUE) level(y, d$post == 1 & keep) - level(y, d$post == 0 & keep)

## R1 primaries together: normal statistics with a given correlation
R <- matrix(c(1, .6, .2, -.1, .6, 1, .3, 0, .2, .3, 1, .45, -.1, 0, .45, 1), 4)
est <- c(2.9, 2.1, -2.35, .4)
set.seed(1)
g <- glht(parm(coef = est, vcov = R, df = 0), linfct = diag(4))
stepped <- summary(g, test = adjusted("free", abseps = 1e-6, maxpts = 200000))$test$pvalues
ci <- confint(g, calpha = qmvnorm(.95, corr = R, tail = "both.tails", abseps = 1e-6, maxpts = 200000)$quantile)$confint
for (k in 1:4) add("R_multcomp", paste0("normal_", k), est = est[k], se = 1, lo = ci[k, 2], hi = ci[k, 3], p = stepped[k])

## R2 analysis of covariance over districts
for (y in c("victim", "trust")) {
  f <- lm(D ~ arm + B, data.frame(D = change(y), arm = arm, B = level(y, d$post == 0)))
  ct <- coef_test(f, vcov = "CR2", cluster = districts, test = "Satterthwaite"); k <- which(rownames(ct) == "arm")
  add("R_ancova", y, est = ct$beta[k], se = ct$SE[k], df = ct$df_Satt[k], p = ct$p_Satt[k])
}

## R3 matched pairs: districts in the order of the file, first pilot with first comparison
for (y in c("victim", "trust")) {
  D <- change(y); t <- t.test(D[arm == 1], D[arm == 0], paired = TRUE)
  add("R_pairs", y, est = t$estimate, se = t$stderr, df = t$parameter, lo = t$conf.int[1], hi = t$conf.int[2], p = t$p.value)
}

## R4 subgroups: the interaction over cell means, clustered by district
cells <- aggregate(cbind(wy = weight * victim, w = weight) ~ district + treat + post + stratum, d, sum)
cells$y <- cells$wy / cells$w
cells$urban <- as.numeric(grepl("urb", cells$stratum))
cells$did <- cells$treat * cells$post
cells$did_urban <- cells$did * cells$urban
cells$post_urban <- cells$post * cells$urban
f <- lm(y ~ interaction(district, urban) + post + post_urban + did + did_urban, cells)
ct <- coef_test(f, vcov = "CR2", cluster = cells$district, test = "Satterthwaite")
row <- which(rownames(ct) == "did_urban")
add("R_subgroups", "urban_victim", est = ct$beta[row], se = ct$SE[row], df = ct$df_Satt[row], p = ct$p_Satt[row])

## R5 partial pooling at a given variance of effects
yi <- c(.10, .02, -.03, .07, .15, .05); vi <- c(.0009, .0012, .0020, .0009, .0015, .0011)
for (tau2 in c(0, .0005, .004)) {
  r <- rma(yi, vi, tau2 = tau2, test = "z"); b <- blup(r)
  for (k in seq_along(yi)) add("R_blup", format(tau2, scientific = FALSE), k, est = b$pred[k], se = b$se[k])
}
r <- rma(yi, vi, method = "DL"); add("R_dl", "tau2", est = r$tau2, p = r$QEp, extra = r$QE)

## R6 raking
one <- d[d$district == districts[1] & d$post == 0, ]
one$old <- factor(one$age >= 40); one$fem <- factor(one$female)
des <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = one)
total <- sum(one$weight)
mm <- model.matrix(~old + fem, one)
cal <- calibrate(des, ~old + fem, population = setNames(c(total, .4 * total, .3 * total), colnames(mm)), calfun = "raking",
  epsilon = 1e-12, maxit = 200)
w <- weights(cal)
for (k in seq_along(w)) add("R_raking", "weight", k, est = w[k], extra = one$weight[k])

## R7 lots within strata: three strata of two pilots and two comparisons, every one of 6^3 draws, difference in means
block <- rep(rep(1:3, each = 2), 2)
choices <- expand.grid(rep(list(1:6), 3))
for (y in c("victim", "trust")) {
  D <- change(y)
  t <- apply(choices, 1, function(pick) {
    z <- rep(0, 12)
    for (b in 1:3) z[which(block == b)[combn(4, 2)[, pick[b]]]] <- 1
    mean(D[z == 1]) - mean(D[z == 0])
  })
  observed <- mean(D[arm == 1]) - mean(D[arm == 0])
  # coin: the same sum statistic within strata, centred; its Monte Carlo p is close to the exact one
  x <- data.frame(D = D, arm = factor(arm), block = factor(block))
  set.seed(1)
  mc <- pvalue(oneway_test(D ~ arm | block, x, distribution = approximate(nresample = 200000)))
  add("R_strata", y, est = observed, p = mean(abs(t) >= abs(observed) - 1e-12), extra = as.numeric(mc))
}
write.csv(out, "rules.csv", row.names = FALSE)
pk <- c("multcomp", "mvtnorm", "metafor", "survey", "coin", "clubSandwich")
write.csv(data.frame(pkg = c("R", pk), version = c(as.character(getRversion()), sapply(pk, function(p) as.character(packageVersion(p))))),
  "rules_versions.csv", row.names = FALSE)
