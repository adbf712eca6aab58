package federation

import (
	"context"
	"errors"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Fetch reads a provider's metadata at an address. The provider it gives names
// that address. What is wrong is an error of kind Invalid with one field.
type Fetch func(ctx context.Context, address string) (Provider, error)

// How often metadata is read at its address, and how soon again after it could
// not be.
const (
	rereadEvery = 24 * time.Hour
	retryEvery  = time.Hour
)

// Reread reads a connection's metadata at its address now. What is wrong with
// it is returned, and noted at the connection; people sign in as before.
func (f *Federation) Reread(ctx context.Context, by models.Actor, id string, fetch Fetch) (Connection, error) {
	c, err := f.Get(ctx, by, id)
	if err != nil {
		return c, err
	}
	if c.MetadataURL == "" {
		return c, models.Fail(models.Conflict, "sso.error.no_address")
	}
	p, wrong := c.fetched(ctx, fetch)
	if wrong != nil && !explained(wrong) {
		return c, wrong
	}
	err = f.store.Write(ctx, by, models.ManageCertificates, func(tx *store.Tx) error {
		c, err = f.note(tx, c, p, wrong)
		return err
	})
	if err == nil {
		err = wrong
	}
	return c, err
}

// RereadDue reads the metadata of every connection that has an address and was
// not read for a day, so that the provider's next certificate is known before
// the present one ends. One that cannot be read is noted and keeps nobody out.
func (f *Federation) RereadDue(ctx context.Context, fetch Fetch) error {
	var due []Connection
	err := f.store.SystemRead(ctx, "metadata to read again", func(tx *store.Tx) error {
		day, hour := models.At(tx.Now().Add(-rereadEvery)), models.At(tx.Now().Add(-retryEvery))
		return tx.Where("metadata_url <> ?", "").
			Where("metadata_tried_at IS NULL OR metadata_tried_at <= ? OR (metadata_failure <> ? AND metadata_tried_at <= ?)", day, "", hour).
			Order("metadata_tried_at, id").Find(&due).Error
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range due {
		if ctx.Err() != nil {
			break
		}
		p, wrong := c.fetched(ctx, fetch)
		if wrong != nil && !explained(wrong) {
			failed = append(failed, wrong)
			continue
		}
		failed = append(failed, f.store.System(ctx, "read metadata again", func(tx *store.Tx) error {
			return tx.Within(c.CompanyID, func(tx *store.Tx) error {
				_, err := f.note(tx, c, p, wrong)
				return err
			})
		}))
	}
	return errors.Join(failed...)
}

// fetched reads the metadata. It must be of the same provider: an address that
// begins to tell of another one has come into other hands, or was a mistake.
func (c Connection) fetched(ctx context.Context, fetch Fetch) (Provider, error) {
	p, err := fetch(ctx, c.MetadataURL)
	if err == nil && p.EntityID != c.EntityID {
		wrong := models.FieldErrors{}
		wrong.Add("address", "sso.fetch.other_provider")
		err = wrong.Err()
	}
	return p, err
}

// explained says whether an error is one that managers are told in words.
func explained(err error) bool {
	return failureOf(err) != ""
}

// failureOf is the catalog key of what is wrong with metadata.
func failureOf(err error) string {
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.Invalid {
		return ""
	}
	for _, told := range e.Fields {
		return told.Key
	}
	return ""
}

// note takes up what was read, or notes why it was not. The connection is read
// anew: somebody may have given it other metadata meanwhile.
func (f *Federation) note(tx *store.Tx, read Connection, p Provider, wrong error) (Connection, error) {
	tx.NothingToRecord() // metadata that stayed as it was is no change
	var c Connection
	if err := tx.Where("id = ?", read.ID).Take(&c).Error; err != nil {
		return c, unknown(err)
	}
	if c.MetadataURL != read.MetadataURL || c.EntityID != read.EntityID {
		return c, nil
	}
	now := models.At(tx.Now())
	before, failure := c, failureOf(wrong)
	c.MetadataTriedAt, c.MetadataFailure = &now, failure
	if failure == "" {
		p.Into(&c)
		c.MetadataReadAt = &now
	}
	switch {
	case failure != "" && before.MetadataFailure != failure:
		tx.Record(event.ConnectionChanged, store.About{ID: c.ID, Name: c.Name, Company: c.CompanyID, Data: map[string]any{"metadata": "unreadable"}})
	case failure == "" && !sameProvider(before, c):
		c.UpdatedAt = now
		tx.Record(event.ConnectionChanged, store.About{ID: c.ID, Name: c.Name, Company: c.CompanyID, Data: map[string]any{"metadata": "read again"}})
	}
	return c, tx.Select("*").Updates(&c).Error
}

// sameProvider says whether two connections lead to the same addresses and
// trust the same certificates.
func sameProvider(a, b Connection) bool {
	if len(a.Certificates) != len(b.Certificates) {
		return false
	}
	for i := range a.Certificates {
		if a.Certificates[i] != b.Certificates[i] {
			return false
		}
	}
	return a.SSORedirect == b.SSORedirect && a.SSOPost == b.SSOPost && a.SLORedirect == b.SLORedirect && a.SLOPost == b.SLOPost
}
