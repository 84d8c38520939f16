# Districts that share sampling units, by R survey: Rscript shared_units.R > shared_units.csv
# The units of input_survey.csv are 29 villages, through which districts and waves run.
suppressMessages(library(survey))
d <- read.csv("input_survey.csv")
d$village <- ((seq_len(nrow(d)) - 1) %/% 5) %% 29
cells <- svyby(~victim, ~district + wave, svydesign(ids = ~village, weights = ~weight, data = d), svymean, covmat = TRUE)
places <- attr(cells, "row.names")
contrast <- function(name, weights) {
  coefficient <- setNames(numeric(length(places)), places)
  coefficient[names(weights)] <- weights
  found <- svycontrast(cells, coefficient)
  data.frame(quantity = name, estimate = as.numeric(coef(found)), se = as.numeric(SE(found)))
}
of <- function(districts, wave, each) setNames(rep(each, length(districts)), paste0(districts, ".", wave))
pilot <- sprintf("D%02d", 1:6)
comparison <- sprintf("D%02d", 7:12)
change <- function(districts, sign = 1) c(of(districts, 2, sign / length(districts)), of(districts, 1, -sign / length(districts)))
out <- rbind(
  contrast("level", of(pilot, 2, 1 / 6)),
  contrast("change", change(comparison)),
  contrast("att", c(change(pilot), change(comparison, -1))),
  contrast("one_against_six", c(change("D01"), change(comparison, -1)))
)
write.csv(out, stdout(), row.names = FALSE, quote = FALSE)
