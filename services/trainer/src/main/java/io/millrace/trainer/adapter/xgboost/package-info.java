// SPDX-License-Identifier: Apache-2.0
/** XGBoost as a learner. */
@NullMarked
package io.millrace.trainer.adapter.xgboost;

import org.jspecify.annotations.NullMarked;
