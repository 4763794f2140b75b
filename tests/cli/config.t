#!/bin/sh
# Every kind of bad config is refused before anything runs: exit code 2, and a message that names
# file, path and remedy.
. tests/cli/lib.sh

# bad PATTERN NAME [MEMBER]...: a small config with these members on top is refused.
bad() {
    pattern=$1 name=$2
    shift 2
    small_config x "$@"
    refused "^(liquidbench: )?x\\.json:([0-9]+:)? $pattern" "$name" run x.json -o results
}

# wrong PATTERN NAME MODEL: the same, with this as the only model.
wrong() {
    printf '{"dataset": {"csv": "wave.csv"}, "models": [%s]}' "$3" >x.json
    refused "^(liquidbench: )?x\\.json:([0-9]+:)? $1" "$2" run x.json -o results
}

refused 'nowhere.json: No such file' "a missing config" run nowhere.json
ln -s "$root/configs" configs
refused 'quikstart: there is no such file, .*did you mean "quickstart"' "a shipped config by a wrong name" run quikstart
rm configs
printf '{"name": "x",\n "seeds": [0, 1\n}\n' >broken.json
refused 'broken.json:3:1: ' "broken JSON is located by line and column" run broken.json
printf '[1]' >x.json
refused 'x.json: .*must be an object' "a config that is no object" run x.json
printf '{}' >x.json
refused 'x.json: dataset: is required' "an empty config" run x.json
cat >x.json <<'END'
{
  "name": "a/b",
  "dataset": {"csv": "wave.csv", "skale": "standard"},
  "models": [
    {"cell": "lstn"},
    {"cell": "gru",
     "hidden": 0, "train": {"epocs": 4}}
  ],
  "train": {"optimizer": "adma"},
  "seeds": [0,
     -1],
  "evaluate": {"ood": [{"resample": 0.5}]}
}
END
lb run x.json --set limits.second=3
cat >expected <<'END'
liquidbench: x.json: limits.second: unknown key; did you mean "seconds"?
x.json:2: name: "a/b" cannot be part of a file name; use letters, digits, and ".", "_", "+", "-" after the first
x.json:3: dataset.skale: unknown key; did you mean "scale"?
x.json:5: models[0].cell: "lstn" is not known; did you mean "lstm"?
x.json:7: models[1].hidden: is 0 but must be at least 1
x.json:7: models[1].train.epocs: unknown key; did you mean "epochs"?
x.json:9: train.optimizer: "adma" is not known; did you mean "adam"?
x.json:11: seeds: element 1: is -1 but must be at least 0
x.json:12: evaluate.ood[0].name: is required: What reports call it.
END
[ $code -eq 2 ] && diff expected err >out
result $? "all errors are told at once, with their lines; what --set says has none"
cat >x.json <<'END'
{"dataset": {"csv": "wave.csv"}, "models": [{"cell": "lstm"}],
 "seeds": [1, 1],
 "reference": "gru",
 "task": {"type": "regression", "horizon": 3,
   "loss": "cross_entropy"},
 "gate": {"noise": -1}}
END
lb run x.json
sed 's/^liquidbench: //; s/: .*//' err | tr '\n' ' ' >out
out '^x.json:2 x.json:3 x.json:4 x.json:5 x.json:6 $' "so are those about what parts ask of each other"
: >empty.json
refused 'empty.json:1:1' "an empty file" run empty.json

bad 'taks: unknown key; did you mean "task"\?' "an unknown key" '"taks": 3'
bad 'seeds: is given twice' "a key twice" '"seeds": [3]'

wrong 'models\[0\].cell: is required' "a model without a cell" '{"hidden": 4}'
wrong 'models\[0\].cell: "lstn" is not known; did you mean "lstm"' "an unknown cell" \
    '{"cell": "lstn"}'
wrong 'models\[0\].cell: must be a string' "a cell that is a number" '{"cell": 3}'
wrong 'models\[0\].hiden: unknown key; did you mean "hidden"' "an unknown key of a model" \
    '{"cell": "lstm", "hiden": 4}'
wrong 'models\[0\].hidden: is 0 but must be at least 1' "no hidden units" \
    '{"cell": "lstm", "hidden": 0}'
wrong 'models\[0\].hidden: must be a whole number' "a text for a number" \
    '{"cell": "lstm", "hidden": "four"}'
wrong 'models\[0\].hidden: is given twice' "a key of a model twice" \
    '{"cell": "lstm", "hidden": 4, "hidden": 5}'
wrong 'models\[0\].mode: ' "an option of another cell" '{"cell": "lstm", "mode": "pure"}'
wrong 'models\[0\].train.epocs: unknown key; did you mean "epochs"' "an unknown key of its train" \
    '{"cell": "lstm", "train": {"epocs": 3}}'
wrong 'models\[0\].train.optimizer: "adma" is not known; did you mean "adam"' \
    "an unknown optimizer" '{"cell": "lstm", "train": {"optimizer": "adma"}}'
wrong 'models\[0\].name: "a/b" cannot be part of a file name' "a name with a slash" \
    '{"cell": "lstm", "name": "a/b"}'
wrong 'models\[1\].name: "lstm" is the name of models\[0\] already' "the same name twice" \
    '{"cell": "lstm"}, {"cell": "lstm"}'
wrong 'models\[0\].name: "ar" is the name of a baseline' "the name of a baseline" \
    '{"cell": "lstm", "name": "ar"}'
wrong 'models\[0\]: must be an object' "a model that is a text" '"lstm"'
printf '{"dataset": {"csv": "wave.csv"}, "models": "lstm"}' >x.json
refused 'x.json:1: models: must be a list' "models that are no list" run x.json
printf '{"dataset": {"csv": "wave.csv"}, "models": [], "baselines": []}' >x.json
refused 'x.json:1: models: is empty' "nothing to run" run x.json

bad 'evaluate.metrics: "accuracy" does not fit task.type "forecast"; choose from mse' \
    "a metric that does not fit the task" '"evaluate": {"metrics": ["mse", "accuracy"]}'
bad 'evaluate.metrics: .*"msee" is not known; did you mean "mse"' "an unknown metric" \
    '"evaluate": {"metrics": ["msee"]}'
bad 'evaluate.metrics: names "mse" twice' "a metric twice" \
    '"evaluate": {"metrics": ["mse", "mse"]}'
for measure in test.accuracy valid.mse noise.dropout.growth test.nothing; do
    bad "published.scores\[0\].measure: \"$measure\" cannot be compared; name \"test.\"" "published as $measure" \
        "\"published\": {\"source\": \"A paper\", \"metric\": \"mse\", \"scores\": [
             {\"model\": \"lstm\", \"mean\": 1, \"std\": 0, \"measure\": \"$measure\"}]}"
done
bad 'evaluate.noise.types: .*did you mean "gaussian"' "an unknown perturbation" \
    '"evaluate": {"noise": {"types": ["gausian"]}}'
bad 'evaluate.noise.severities: element 1: .*at least 0' "a negative severity" \
    '"evaluate": {"noise": {"severities": [0.1, -1]}}'
bad 'evaluate.noise.suite: "sensorfaults" is not known; did you mean "sensorfault-1"' "an unknown suite" \
    '"evaluate": {"noise": {"suite": "sensorfaults"}}'
bad 'evaluate.noise.suite: "sensorfault-training-1" is for training' "a suite that is not to be scored" \
    '"evaluate": {"noise": {"suite": "sensorfault-training"}}'
bad 'evaluate.noise.types: "hum" is not a fault of sensorfault-1' "a fault that the suite does not have" \
    '"evaluate": {"noise": {"suite": "sensorfault", "types": ["bias", "hum"]}}'
bad 'evaluate.noise.severities: 2 is above 1, the harshest of sensorfault-1' "a severity beyond the suite" \
    '"evaluate": {"noise": {"suite": "sensorfault", "severities": [0.5, 2]}}'
bad 'evaluate.noise.types: "bias" is not a fault of tsfault-1' "a fault that the other suite has" \
    '"evaluate": {"noise": {"suite": "tsfault", "types": ["bias"]}}'
bad 'evaluate.noise.suite: "tsfault-2" is not known; did you mean "tsfault-1"' "a suite that is still to come" \
    '"evaluate": {"noise": {"suite": "tsfault-2"}}'
bad 'evaluate.noise.severities: 1.5 is above 1, the harshest of tsfault-1' "a severity beyond the structural suite" \
    '"evaluate": {"noise": {"suite": "tsfault-1", "severities": [1.5]}}'
bad 'evaluate.noise.types: .*"cascad" is not known; did you mean "cascade"' "an unknown part of a compound fault" \
    '"evaluate": {"noise": {"types": ["regime+cascad"]}}'
bad 'evaluate.noise.types: "regime.all": join at most 4 perturbations, and never "all"' "all as a part" \
    '"evaluate": {"noise": {"types": ["regime+all"]}}'
bad 'evaluate.noise.types: .*join at most 4' "five faults in one" \
    '"evaluate": {"noise": {"types": ["hum+bias+gain+drift+spike"]}}'
bad 'evaluate.noise.severities: 2 is above 1; those of "hum.bias" are shares' "a compound fault beyond its harshest" \
    '"evaluate": {"noise": {"types": ["hum+bias"], "severities": [2]}}'
bad 'evaluate.noise.types: "bias" is not a fault of tsfault-1' "a part that the suite does not have" \
    '"evaluate": {"noise": {"suite": "tsfault", "types": ["regime+bias"]}}'
bad 'evaluate.noise.channels: must be a share' "a share of the inputs above 1" \
    '"evaluate": {"noise": {"channels": 2}}'
bad 'evaluate.noise.channels: "severity" is from 0 to 1 in a suite' "a growing share without a suite" \
    '"evaluate": {"noise": {"channels": "severity"}}'
bad 'evaluate.noise.snr: does not go with a suite' "a ratio for a suite" \
    '"evaluate": {"noise": {"suite": "sensorfault", "snr": [20]}}'
bad_train() { # PATTERN NAME TRAIN [MEMBER]
    small_config x "${4:-\"baselines\": []}"
    refused "$1" "$2" run x.json -o results --set "train=$3"
}
bad_train 'train.perturb: "bias" is scored by evaluate.noise, too; train with others, or say "overlap": true' \
    "training on what is scored" '{"perturb": {"types": ["hum", "bias"]}}' \
    '"evaluate": {"noise": {"suite": "sensorfault"}}'
bad_train 'train.perturb: "bias" is scored by evaluate.noise, too' "training on a part of what is scored" \
    '{"perturb": {"types": ["hum", "bias"]}}' '"evaluate": {"noise": {"types": ["gain+bias"]}}'
bad_train 'train.perturb.suite: "sensors" is not known' "an unknown suite to train with" \
    '{"perturb": {"suite": "sensors"}}'
bad_train 'train.perturb.probability: .*at most 1' "a probability above 1" \
    '{"perturb": {"types": ["hum"], "probability": 2}}'
bad_train 'train.patience: stops by the best epoch, but train.keep is "last"' "patience where the last epoch counts" \
    '{"patience": 3, "keep": "last"}'
bad_train 'train.adversarial.epsilon: is required' "an adversary without a box" \
    '{"adversarial": {"steps": 3}}'
bad_train 'train.adversarial: does not go with train.checkpoint' "an adversary with checkpoints" \
    '{"adversarial": {"epsilon": 0.1}, "checkpoint": true}'
bad 'evaluate.ood\[0\]: .*exactly one of' "a shift that says nothing" \
    '"evaluate": {"ood": [{"name": "x"}]}'
bad 'evaluate.ood\[0\].name: is required' "a shift without a name" \
    '"evaluate": {"ood": [{"resample": 2}]}'
bad 'evaluate.ood\[0\].parameters: only generated data' "generator parameters for a file" \
    '"evaluate": {"ood": [{"name": "x", "parameters": {"mass": 2}}]}'
bad 'evaluate.ood\[1\].name: "x" is the name of ood\[0\] already' "two shifts of one name" \
    '"evaluate": {"ood": [{"name": "x", "resample": 2}, {"name": "x", "resample": 3}]}'
bad 'reference: there is no model "lstmm"; did you mean "lstm"' "an unknown reference" \
    '"reference": "lstmm"'
bad 'baselines: .*did you mean "persistence"' "an unknown baseline" '"baselines": ["persistance"]'
bad 'baselines: "seasonal" does not apply .*dataset.period' "a baseline that does not apply" \
    '"baselines": ["seasonal"]'
small_config x
refused 'x.json: name: "../x" cannot be part' "an experiment's name that climbs out" \
    run x.json --set 'name="../x"'

set_is_refused() { # PATTERN NAME ASSIGNMENT
    refused "^liquidbench: $1" "$2" run wave.json --set "$3"
}
small_config wave
set_is_refused 'wave.json: task.normalize: is for forecasts at the last step' \
    "normalization at every step" 'task.normalize="last"'
set_is_refused 'wave.json: task.normalize: .*did you mean "revin"' "an unknown normalization" \
    'task.normalize="revim"'
refused 'wave.json:[0-9]+: models\[0\]: train.checkpoint: task.normalize needs whole windows' \
    "normalization in segments" run wave.json --set 'task.at="last"' \
    --set 'task.normalize="revin"' --set train.checkpoint=true
set_is_refused 'wave.json: train.epochs: must be a whole number' "--set with a wrong type" \
    train.epochs=many
set_is_refused 'wave.json: train.epoch: unknown key; did you mean "epochs"' \
    "--set of an unknown key" train.epoch=3
set_is_refused '--set models\[7\].hidden=3: there is no element' "--set beyond a list" \
    'models[7].hidden=3'
set_is_refused '--set nonsense: expected path=value' "--set without a value" nonsense
set_is_refused 'wave.json: seeds: must be a list' "seeds that are no list" seeds=3
set_is_refused 'wave.json: seeds: is empty' "no seeds" 'seeds=[]'
set_is_refused 'wave.json: seeds: has 1 twice' "a seed twice" 'seeds=[1, 1]'
set_is_refused 'wave.json: seeds: element 0: must be a whole number' "half a seed" 'seeds=[0.5]'
set_is_refused 'wave.json: seeds: element 0: .*at least 0' "a negative seed" 'seeds=[-1]'
set_is_refused 'wave.json: task.horizon: 3 steps ahead make sense for "forecast"' \
    "a horizon without a forecast" 'task={"type": "regression", "horizon": 3}'
set_is_refused 'wave.json: task.class_weights: make sense' "class weights without classes" \
    'task.class_weights=[1, 2]'
set_is_refused 'wave.json: task.loss: "cross_entropy" does not fit' "a loss that does not fit" \
    task.loss=cross_entropy
set_is_refused 'wave.json: train.select: "accuracy" does not fit' "a select that does not fit" \
    train.select=accuracy
set_is_refused 'wave.json: train.learning_rate: ' "a learning rate of zero" train.learning_rate=0
set_is_refused 'wave.json: dataset.name: "sunspot" is no built-in' "an unknown data set" \
    'dataset={"name": "sunspot"}'

# Nothing has been written by any of these.
[ ! -e results ]
result $? "a refused config leaves no results folder"

# extends
small_config base
printf '{"extends": "base.json", "name": "derived", "train": {"epochs": 3}}' >derived.json
lb run derived.json --dry-run
out '^derived: ' "a config may extend another"
printf '{"extends": "derived.json"}' >base.json
refused 'circle' "a circle of extends ends" run derived.json

# The example of the design, without wirings.
cat >example.json <<'END'
{
  "name": "cheetah",
  "dataset": { "name": "cheetah" },
  "task":  { "type": "forecast", "window": 32, "stride": 10, "horizon": 1 },
  "models": [
    { "cell": "lstm", "hidden": 32 },
    { "cell": "cfc",  "hidden": 32, "backbone": { "units": 64, "layers": 1 } },
    { "cell": "ltc",  "hidden": 32, "train": { "learning_rate": 0.01 } }
  ],
  "train": { "optimizer": "adam", "learning_rate": 0.001, "batch": 16, "epochs": 200, "patience": 30 },
  "evaluate": {
    "metrics": ["mse", "mae"],
    "noise": { "types": ["gaussian", "dropout"], "severities": [0.1, 0.2, 0.4, 0.8] },
    "ood":   [ { "name": "half-rate", "resample": 0.5 } ]
  },
  "seeds": [0, 1, 2, 3, 4],
  "reference": "lstm"
}
END
refused 'example.json: dataset.*LIQUIDBENCH_DATA' \
    "the example config is understood; its data is not shipped" run example.json

finish
