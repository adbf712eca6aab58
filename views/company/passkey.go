package company

import (
	"locum/models"
	"locum/models/access"
)

// Reset asks whether to take the passkeys of somebody who lost them.
type Reset struct {
	access.Keyholder
	Problem *models.Message
}

// Lone is the operators' page for who lost his passkeys and whom no company helps.
type Lone struct {
	Email   string            // as it was typed
	Found   *access.Keyholder // nil while nobody is looked for, or found
	Problem *models.Message
}
