package jobs

import "github.com/riverqueue/river"

// Workers are all that the queue knows to do.
func Workers(mail *MailWorker, evaluation *EvaluationWorker, logout *LogoutWorker) *river.Workers {
	workers := river.NewWorkers()
	river.AddWorker(workers, mail)
	river.AddWorker(workers, evaluation)
	river.AddWorker(workers, logout)
	return workers
}
