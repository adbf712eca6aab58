package tenancy

import (
	"context"

	"locum/models"
	"locum/models/store"
)

// UsualSilence is after how many hours a company is told that nobody came in
// through a connection, unless it chose otherwise. It is longer than a weekend.
const UsualSilence = 72

// maxSilence is the longest that can be chosen: thirty days.
const maxSilence = 720

// Silence reads what SetSilence sets.
func (c *Companies) Silence(ctx context.Context, by models.Actor) (hours int, err error) {
	err = c.store.Read(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		return tx.Model(&Company{}).Select("silent_hours").Where("id = ?", tx.Actor.Effective.Company).Scan(&hours).Error
	})
	return hours, err
}

// SetSilence chooses after how many hours without a sign-in the managers of the
// actor's company are told that a connection is silent; 0 means never.
func (c *Companies) SetSilence(ctx context.Context, by models.Actor, hours int) error {
	if err := CheckSilence(hours); err != nil {
		return err
	}
	return c.store.Write(ctx, by, models.ManageConnections, func(tx *store.Tx) error { return SetSilence(tx, hours) })
}

// CheckSilence says what is wrong with a number of hours for SetSilence.
func CheckSilence(hours int) error {
	wrong := models.FieldErrors{}
	if hours < 0 || hours > maxSilence {
		wrong.Add("silent_hours", "company.error.silent_hours", "Most", maxSilence)
	}
	return wrong.Err()
}

// SetSilence is the part of the operation that changes the company to which the
// transaction is confined.
func SetSilence(tx *store.Tx, hours int) error {
	return changeCompany(tx, tx.Actor.Effective.CompanyName, map[string]any{"silent_hours": hours})
}
