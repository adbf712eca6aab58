package directory

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/store"
)

// LogFilter narrows the log of requests. Empty fields do not narrow.
type LogFilter struct {
	Failed bool   // only what was refused
	Method string // of HTTP
	Text   string // in the path or the query
	Before string // id: only older requests
	Most   int    // how many; models.PageSize when 0
}

// LogPage is a page of the log, the newest request first.
type LogPage struct {
	List  []Request
	Older string // id to go on before; empty when there are no older ones
}

// Requests reads the log of a directory of the actor's company.
func (d *Directories) Requests(ctx context.Context, by models.Actor, id string, f LogFilter) (page LogPage, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		if _, err := load(tx, id, false); err != nil {
			return err
		}
		db := tx.Where("directory_id = ?", id)
		if f.Failed {
			db = db.Where("status >= ?", 400)
		}
		if f.Method != "" {
			db = db.Where("method = ?", strings.ToUpper(f.Method))
		}
		if text := strings.ToLower(strings.TrimSpace(f.Text)); text != "" {
			db = db.Where(`lower(target) LIKE ? ESCAPE '\'`, "%"+literal(text)+"%")
		}
		most := f.Most
		if most == 0 {
			most = models.PageSize
		}
		if db, err = f.after(tx, db, id); err != nil {
			return err
		}
		if err := db.Omit("request", "response").Order("at DESC, id DESC").Limit(most + 1).Find(&page.List).Error; err != nil {
			return err
		}
		if len(page.List) > most {
			page.List = page.List[:most]
			page.Older = page.List[most-1].ID
		}
		return nil
	})
	return page, err
}

// after leaves what is older than the request of Before. One that was forgotten
// meanwhile has nothing after it.
func (f LogFilter) after(tx *store.Tx, db *gorm.DB, directory string) (*gorm.DB, error) {
	if f.Before == "" {
		return db, nil
	}
	var last Request
	err := tx.Select("id", "at").Where("directory_id = ? AND id = ?", directory, f.Before).Take(&last).Error
	if store.Missing(err) {
		return db.Where("1 = 0"), nil
	}
	return db.Where("at < ? OR (at = ? AND id < ?)", last.At, last.At, last.ID), err
}

// Request reads one request of a directory of the actor's company, with its
// bodies.
func (d *Directories) Request(ctx context.Context, by models.Actor, directory, id string) (one Request, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		err := tx.Where("directory_id = ? AND id = ?", directory, id).Take(&one).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		return err
	})
	return one, err
}

// literal keeps LIKE from reading a text's own signs.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
