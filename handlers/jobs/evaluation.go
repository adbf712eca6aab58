package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"locum/models/provisioning"
)

// EvaluationWorker applies a company's connectors to everyone known there once
// more. To do so twice changes nothing the second time.
type EvaluationWorker struct {
	river.WorkerDefaults[provisioning.Evaluation]

	CatchUp func(ctx context.Context, job provisioning.Evaluation) error
}

// evaluationTime bounds one company's evaluation.
const evaluationTime = 15 * time.Minute

// Timeout is how long one evaluation may take.
func (w *EvaluationWorker) Timeout(*river.Job[provisioning.Evaluation]) time.Duration {
	return evaluationTime
}

// Work evaluates one company.
func (w *EvaluationWorker) Work(ctx context.Context, job *river.Job[provisioning.Evaluation]) error {
	if err := w.CatchUp(ctx, job.Args); err != nil {
		return fmt.Errorf("evaluation of %s: %w", job.Args.Company, err)
	}
	return nil
}
