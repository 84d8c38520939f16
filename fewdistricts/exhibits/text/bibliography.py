"""What the report's methods and scales come from, in the form of a bibliography; the same in every language."""

REFERENCES = (
    "Anderson, M. L. (2008). Multiple inference and gender differences in the effects of early intervention. Journal "
    "of the American Statistical Association 103(484), 1481-1495.",
    "Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with "
    "multi\u2011stage samples. Survey Methodology 28(2), 169-181.",
    "Benjamini, Y., Krieger, A. M. and Yekutieli, D. (2006). Adaptive linear step-up procedures that control the false "
    "discovery rate. Biometrika 93(3), 491-507.",
    "Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International "
    "Statistical Review 51(3), 279-292.",
    "Des Jarlais, D. C., Lyles, C., Crepaz, N. and the TREND Group (2004). Improving the reporting quality of "
    "nonrandomized evaluations of behavioral and public health interventions: the TREND statement. American Journal of "
    "Public Health 94(3), 361-366.",
    "Donald, S. G. and Lang, K. (2007). Inference with difference-in-differences and other panel data. Review of "
    "Economics and Statistics 89(2), 221-233.",
    "Farrington, D. P., Gottfredson, D. C., Sherman, L. W. and Welsh, B. C. (2002). The Maryland Scientific Methods "
    "Scale. In: Sherman, L. W., Farrington, D. P., Welsh, B. C. and MacKenzie, D. L. (eds.), Evidence-Based Crime "
    "Prevention. London: Routledge, 13-21.",
    "Ferman, B. and Pinto, C. (2019). Inference in differences-in-differences with few treated groups and "
    "heteroskedasticity. Review of Economics and Statistics 101(3), 452-467.",
    "Hundepool, A. et al. (2012). Statistical Disclosure Control. Chichester: Wiley.",
    "Lumley, T. (2010). Complex Surveys: A Guide to Analysis Using R. Hoboken: Wiley.",
    "Pustejovsky, J. E. and Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and "
    "hypothesis testing in fixed effects models. Journal of Business and Economic Statistics 36(4), 672-683.",
    "Rambachan, A. and Roth, J. (2023). A more credible approach to parallel trends. Review of Economic Studies 90(5), "
    "2555-2591.",
    "Roodman, D., MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2019). Fast and wild: bootstrap inference in Stata "
    "using boottest. Stata Journal 19(1), 4-60.",
    "Sherman, L. W., Gottfredson, D., MacKenzie, D., Eck, J., Reuter, P. and Bushway, S. (1997). Preventing Crime: "
    "What Works, What Doesn't, What's Promising. Washington, DC: National Institute of Justice.",
)
