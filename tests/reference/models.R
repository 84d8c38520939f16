# Cluster-robust variances by clubSandwich and the wild bootstrap by brute force, of models that are not ours.
# Usage: python models.py FOLDER; Rscript models.R FOLDER > models.csv
suppressMessages(library(clubSandwich))
folder <- commandArgs(TRUE)[1]
out <- data.frame()
add <- function(model, term, kind, estimate, se, df, lo, hi, p) {
  out <<- rbind(out, data.frame(model, term, kind, estimate, se, df, lo, hi, p))
}

variances <- function(model, fit, term, cluster) {
  for (kind in c("CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3")) {
    v <- tryCatch(vcovCR(fit, cluster = cluster, type = kind), error = function(e) NULL)
    if (is.null(v) || any(!is.finite(diag(v)))) next
    test <- coef_test(fit, vcov = v, test = "Satterthwaite", coefs = term)
    interval <- conf_int(fit, vcov = v, test = "Satterthwaite", coefs = term)
    add(model, term, kind, test$beta, test$SE, test$df_Satt, interval$CI_L, interval$CI_U, test$p_Satt)
  }
}

# p of no effect of one coefficient: residuals under the null times one draw a cluster, t by CR1S, every draw
bootstrap <- function(model, fit, term, cluster, points) {
  X <- model.matrix(fit); y <- fit$model[[1]]
  w <- if (is.null(weights(fit))) rep(1, length(y)) else weights(fit)
  j <- match(term, colnames(X)); g <- as.integer(factor(cluster)); G <- max(g); N <- length(y); k <- ncol(X)
  A <- solve(crossprod(X, w * X)); P <- A %*% t(X * w)
  restricted <- lm.wfit(X[, -j, drop = FALSE], y, w)
  fitted <- y - restricted$residuals
  t_of <- function(Y) {
    B <- P %*% Y
    score <- rowsum((Y - X %*% B) * (w * as.vector(X %*% A[, j])), g)
    B[j, ] / sqrt(G * (N - 1) / ((G - 1) * (N - k)) * colSums(score^2))
  }
  observed <- abs(t_of(matrix(y)))
  total <- length(points)^G; count <- 0
  for (first in seq(0, total - 1, by = 1024)) {
    code <- first:min(first + 1023, total - 1)
    V <- sapply(1:G, function(i) points[(code %/% length(points)^(i - 1)) %% length(points) + 1])
    t <- abs(t_of(fitted + restricted$residuals * t(V)[g, ]))
    count <- count + sum(t >= observed * (1 - 1e-9) - 1e-12)
  }
  add(model, term, if (length(points) == 2) "wcr_rademacher" else "wcr_webb", coef(fit)[[term]], NA, NA, NA, NA, count / total)
}
signs <- c(-1, 1); webb <- c(-1, 1) %o% sqrt(c(.5, 1, 1.5))

d <- read.csv(file.path(folder, "grunfeld.csv"))
fit <- lm(invest ~ value + capital, d)
variances("grunfeld", fit, "capital", d$firm)
bootstrap("grunfeld", fit, "capital", d$firm, signs)
fit <- lm(invest ~ value + capital, d, weights = year - 1934)
variances("grunfeld_weighted", fit, "capital", d$firm)
bootstrap("grunfeld_weighted", fit, "capital", d$firm, signs)

d <- read.csv(file.path(folder, "kielmc.csv"))
fit <- lm(rprice ~ y81 * nearinc + age + agesq, d)
variances("kielmc", fit, "y81:nearinc", d$nbh)
fit <- lm(rprice ~ y81 + age, d)
bootstrap("kielmc_age", fit, "age", d$nbh, webb)

d <- read.csv(file.path(folder, "injury.csv"))
fit <- lm(ldurat ~ afchnge * highearn, d, weights = weight)
variances("injury", fit, "afchnge:highearn", d$age)

d <- read.csv(file.path(folder, "castle.csv"))
fit <- lm(l_homicide ~ treated + factor(sid) + factor(year), d, weights = popwt)
variances("castle", fit, "treated", d$sid)
write.csv(format(out, digits = 15), stdout(), row.names = FALSE, quote = FALSE)
