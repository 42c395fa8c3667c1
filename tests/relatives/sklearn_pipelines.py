"""Pipelines, searches and estimators of its own, with scikit-learn."""

import sys


def show(label, f):
    try:
        r = f()
        print(label, "->", type(r).__name__, repr(r))
    except Exception as e:
        print(label, "!!", type(e).__name__, str(e)[:300])


import numpy as np
from sklearn.linear_model import *
from sklearn.ensemble import *
from sklearn.preprocessing import *
from sklearn.pipeline import make_pipeline, FeatureUnion
from sklearn.decomposition import PCA, NMF, TruncatedSVD
from sklearn.cluster import KMeans, DBSCAN
from sklearn.model_selection import train_test_split, GridSearchCV, cross_val_score, StratifiedKFold, KFold
from sklearn.metrics import *
from sklearn.svm import SVC
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification, load_iris
from sklearn.base import BaseEstimator, TransformerMixin, ClassifierMixin
from sklearn.utils import resample, shuffle, check_random_state

rng = np.random.default_rng(3)
X, y = make_classification(600, 8, random_state=0)
print(type(X).__name__, isinstance(X, np.ndarray))
X2 = np.c_[X, X[:, 0] * X[:, 1], np.ones(len(X))]


class Log(BaseEstimator, TransformerMixin):
    def fit(self, X, y=None):
        self.m_ = np.min(X, axis=0)
        return self

    def transform(self, X):
        return np.log1p(np.maximum(X - self.m_, 0))


class Nearest(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.c_ = np.array([X[y == k].mean(0) for k in self.classes_])
        return self

    def predict(self, X):
        return self.classes_[np.argmin(((X[:, None] - self.c_) ** 2).sum(-1), axis=1)]


Xtr, Xte, ytr, yte = train_test_split(X2, y, test_size=0.3, random_state=0)
for est in [
    LogisticRegression(max_iter=500),
    SVC(),
    KNeighborsClassifier(),
    RandomForestClassifier(20, random_state=0),
    Nearest(),
    DecisionTreeClassifier(random_state=0),
    GradientBoostingClassifier(n_estimators=10, random_state=0),
]:
    pipe = make_pipeline(Log(), StandardScaler(), est).fit(Xtr, ytr)
    p = pipe.predict(Xte)
    print(
        type(est).__name__, type(p).__name__, pipe.score(Xte, yte), np.mean(p == yte), confusion_matrix(yte, p).tolist()
    )
g = GridSearchCV(LogisticRegression(max_iter=500), {"C": np.logspace(-2, 1, 4)}, cv=3).fit(X, y)
print(g.best_params_, g.cv_results_["mean_test_score"])
print(cross_val_score(Nearest(), X2, y, cv=StratifiedKFold(4)))
print(
    FunctionTransformer(np.sqrt).fit_transform(np.abs(X))[0, :2],
    FunctionTransformer(np.log1p, validate=True).fit_transform(np.abs(X))[0, :2],
)
print(
    PCA(2).fit_transform(X2)[:2],
    KMeans(3, n_init=2, random_state=0).fit_predict(X2)[:10],
    DBSCAN(eps=2.0).fit(X2).labels_[:5],
    NMF(2, random_state=0, max_iter=400).fit_transform(np.abs(X))[0],
)
print(
    roc_auc_score(y, X[:, 0]),
    mean_squared_error(X[:, 0], X[:, 1]),
    r2_score(X[:, 0], X[:, 0] * 0.9),
    f1_score(y, y[::-1]),
    classification_report(y, y[::-1]),
)
print(
    PolynomialFeatures(2).fit_transform(X[:2, :2]),
    OneHotEncoder().fit_transform(np.array([["a"], ["b"]])).toarray(),
    LabelEncoder().fit_transform(np.array(["x", "y", "x"])),
    MinMaxScaler().fit_transform(X)[0, :2],
    KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf").fit_transform(X)[0, :2],
)
print(
    Ridge(alpha=np.float64(0.5)).fit(X2, X[:, 0]).coef_[:3],
    Lasso(alpha=0.1).fit(X2, y).coef_[:3],
    LinearRegression().fit(X, X @ np.arange(8)).coef_,
)
for tr, te in KFold(3).split(X2):
    print(type(tr).__name__, X2[tr].mean(), X2[te].shape)
a, b = resample(X2, y, random_state=0)
print(a.sum(), b[:4])
print(
    shuffle(np.arange(5), random_state=0),
    check_random_state(0).rand(2),
    check_random_state(np.random.RandomState(1)).rand(2),
)
try:
    LogisticRegression().fit(X2, np.arange(3))
except ValueError as e:
    print(e)
try:
    LinearRegression().fit(np.array([[np.nan], [1.0]]), np.ones(2))
except ValueError as e:
    print(str(e)[:60])
print(clone := LogisticRegression(C=np.float64(2.0)))
ct = ColumnTransformer([("a", StandardScaler(), np.array([0, 1])), ("b", "passthrough", [2])])
print(ct.fit_transform(X2)[:1])
