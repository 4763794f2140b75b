#ifdef __cplusplus
extern "C" {
#endif

/* What one stream remembers: one for each sensor. It needs no other memory. */
struct model_state {
    float cells[MODEL_STATE]; /* of all layers, one after the other */
    float last[MODEL_INPUTS]; /* values last observed */
    float answer[MODEL_OUTPUTS];
    double time; /* time units since the stream began */
    float since; /* time units since the last row with an observation */
    int begun;   /* 1 after the first row, 2 after the first observation */
};

enum model_status {
    MODEL_ANSWERED = 0,
    MODEL_SILENT = 1,         /* nothing has been observed yet: the outputs are NaN */
    MODEL_MISSING_INPUT = -1, /* the model was trained without missing values; nothing changed */
    MODEL_WRONG_ELAPSED = -2, /* elapsed is negative or not a number; nothing changed */
    MODEL_TOO_LARGE = -3      /* a number is beyond 1e15; nothing changed */
};

/* Begins a stream. */
void model_reset(struct model_state *state);

/* One row: inputs in the units of the data, NaN where one is missing; elapsed since the row before,
 * in the unit of MODEL_TIME (the first row's does not matter). Returns an enum model_status. */
int model_step(struct model_state *state, const float inputs[MODEL_INPUTS], float elapsed,
               float outputs[MODEL_OUTPUTS]);

/* Feeds recorded rows and compares with recorded outputs: 0, or the number of the first row, from 1,
 * that differs by more than 1e-4 of the largest output. */
int model_self_test(void);

#ifdef __cplusplus
}
#endif
