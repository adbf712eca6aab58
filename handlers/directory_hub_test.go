package handlers_test

import (
	"locum/models"
	"locum/models/directory"
	"locum/models/store"
)

const directoryName = "Zonneveld directory"

// furnishDirectory gives Zonneveld a directory with somebody and a group in it,
// whose removals are held.
func (h *hub) furnishDirectory(o *tenant) {
	h.T.Helper()
	d := h.domain.Directories
	own, token, err := d.Add(h.Ctx, h.Actor("karin"), directory.Draft{Name: directoryName, Kind: directory.Okta})
	h.must(err)
	client, err := d.Authenticate(h.Ctx, token)
	h.must(err)
	user, err := d.CreateUser(h.Ctx, client, map[string]any{"userName": "bram@elsewhere.example", "displayName": "Bram Zonneveld"})
	h.must(err)
	o.directory, o.dirUser = own.ID, user.Resource["id"].(string)
	group, err := d.CreateGroup(h.Ctx, client, map[string]any{"displayName": "Bakers", "members": []any{map[string]any{"value": o.dirUser}}})
	h.must(err)
	o.dirGroup, o.dirRequest = group.Resource["id"].(string), client.Request
	h.must(d.Log(h.Ctx, client, directory.Exchange{Method: "POST", Target: "/scim/v2/Users", Status: 201}))
	tokens, err := d.Tokens(h.Ctx, h.Actor("karin"), own.ID)
	h.must(err)
	o.dirToken = tokens[0].ID
	h.System(func(tx *store.Tx) error {
		held := tx.Model(&directory.Directory{}).Where("company_id = ? AND id = ?", o.company, own.ID)
		return held.Update("held_at", models.At(h.Now())).Error
	})
}
