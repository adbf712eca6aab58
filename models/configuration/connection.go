package configuration

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"locum/models/federation"
)

// connections compares the ties to identity providers.
func (m *comparison) connections(p *Part, d *Company, s *standing) error {
	mentioned := map[string]bool{}
	for _, said := range once(m, "connection", d.Connections.Items, func(c *Connection) (Text, Text) { return c.ID, c.Name }) {
		at, is := lookup(m, s.connections, "connection", said.ID, said.Name, func(c federation.Connection) (string, string) { return c.ID, c.Name })
		var err error
		switch is {
		case absent:
			err = m.newConnection(p, said)
		case there:
			mentioned[s.connections[at].ID] = true
			err = m.changeConnection(p, said, s, &s.connections[at])
		}
		if err != nil {
			return err
		}
	}
	for _, c := range s.connections {
		if d.Connections.Said && !mentioned[c.ID] {
			p.leave("connection", c.Name)
		}
	}
	return nil
}

// settingsOf fills in what the document says beside the metadata.
func (d *Connection) settingsOf(c federation.Connection) federation.Connection {
	c.Name, c.Enabled = d.Name.Value, d.Enabled.or(c.Enabled)
	c.IdentityAttribute, c.MetadataURL = d.IdentityAttribute.or(c.IdentityAttribute), d.MetadataURL.or(c.MetadataURL)
	if d.Delimiters.Said {
		c.Delimiters = d.Delimiters.Value
	}
	if c.Delimiters == nil {
		c.Delimiters = map[string]string{}
	}
	return c
}

func connectionFields(old, now federation.Connection) []Field {
	return []Field{{"name", old.Name, now.Name}, {"provider", old.EntityID, now.EntityID},
		{"sign-in by redirect", old.SSORedirect, now.SSORedirect}, {"sign-in by POST", old.SSOPost, now.SSOPost},
		{"logout by redirect", old.SLORedirect, now.SLORedirect}, {"logout by POST", old.SLOPost, now.SLOPost},
		{"certificates", fingerprints(old.Certificates), fingerprints(now.Certificates)}, {"metadata address", old.MetadataURL, now.MetadataURL},
		{"enabled", yes(old.Enabled), yes(now.Enabled)}, {"identity attribute", old.IdentityAttribute, now.IdentityAttribute},
		{"delimiters", delimiters(old.Delimiters), delimiters(now.Delimiters)}}
}

// fingerprints tells certificates apart by the first bytes of their SHA-256.
func fingerprints(certificates []string) string {
	list := make([]string, len(certificates))
	for i, written := range certificates {
		der, err := base64.StdEncoding.DecodeString(written)
		if err != nil {
			der = []byte(written)
		}
		sum := sha256.Sum256(der)
		list[i] = fmt.Sprintf("%x", sum[:8])
	}
	return strings.Join(list, ", ")
}

func delimiters(by map[string]string) string {
	list := []string{}
	for _, name := range sorted(by) {
		list = append(list, fmt.Sprintf("%s %q", name, by[name]))
	}
	return strings.Join(list, ", ")
}

func (m *comparison) checkAddress(d *Connection) bool {
	text := d.MetadataURL.Value
	if text == "" || strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		return true
	}
	m.add(d.MetadataURL.Place, "%s is no web address", quote(shorten(text)))
	return false
}

func (m *comparison) newConnection(p *Part, d *Connection) error {
	if !d.Metadata.Said {
		m.add(d.Place, "metadata is missing, and the connection %s is a new one", quote(d.Name.Value))
		return nil
	}
	provider, ok, err := m.provider(d.Metadata)
	if err != nil || !ok || !m.checkAddress(d) {
		return err
	}
	provider.MetadataURL = d.MetadataURL.Value
	now := d.settingsOf(federation.Connection{Enabled: true})
	in := federation.Draft{Name: now.Name, Provider: provider, IdentityAttribute: now.IdentityAttribute, Delimiters: now.Delimiters}
	if err := m.wrong(in.Check(), d.Place, map[string]Place{"name": d.Name.Place, "metadata": d.Metadata.Place}); err != nil {
		return err
	}
	provider.Into(&now)
	p.newKeys++
	p.create("connection", in.Name, connectionFields(federation.Connection{}, now)[1:], func(w *work) error {
		made, err := w.connection(in)
		if err != nil || now.Enabled {
			return err
		}
		_, err = federation.Change(w.tx, made.ID, func(c *federation.Connection) map[string]any {
			c.Enabled = false
			return map[string]any{"enabled": false}
		})
		return err
	})
	return nil
}

func (m *comparison) changeConnection(p *Part, d *Connection, s *standing, stands *federation.Connection) error {
	old := *stands
	now := d.settingsOf(old)
	if err := m.name(&now.Name, d.Name.Place); err != nil || !m.checkAddress(d) {
		return err
	}
	stands.Enabled = now.Enabled
	if err := m.locksOut(d, s, old, now); err != nil {
		return err
	}
	taken, ok, err := m.takeUp(d, old)
	if err != nil || !ok {
		return err
	}
	if taken != nil {
		taken.MetadataURL = now.MetadataURL
		taken.Into(&now)
	}
	if old.Delimiters == nil {
		old.Delimiters = map[string]string{}
	}
	p.change("connection", old.Name, connectionFields(old, now), func(w *work) error {
		_, err := federation.Change(w.tx, old.ID, func(c *federation.Connection) map[string]any {
			c.Name, c.Enabled, c.IdentityAttribute, c.Delimiters, c.MetadataURL = now.Name, now.Enabled, now.IdentityAttribute, now.Delimiters, now.MetadataURL
			if taken != nil {
				taken.Into(c)
			}
			return map[string]any{"entity_id": c.EntityID, "enabled": c.Enabled}
		})
		return err
	})
	return nil
}

// locksOut notes what would lock people out, and what applying refuses when it
// comes to it: to recognize those who came in already by something else, and to
// switch off what a domain that requires single sign-on depends on. Domains come
// before connections, and these in their order.
func (m *comparison) locksOut(d *Connection, s *standing, old, now federation.Connection) error {
	if now.IdentityAttribute != old.IdentityAttribute {
		if err := m.wrong(federation.MayRekey(m.tx, old), d.IdentityAttribute.Place, nil); err != nil {
			return err
		}
	}
	if !old.Enabled || now.Enabled {
		return nil
	}
	var enabled []string
	for _, c := range s.connections {
		if c.Enabled {
			enabled = append(enabled, c.ID)
		}
	}
	return m.wrong(federation.StaysOpen(m.tx, s.ID, s.requiring, enabled), d.Enabled.Place, nil)
}

// takeUp is the provider that a connection is to lead to from now on, and nil
// where it stays as it is: where the document says nothing else, or an address
// decides.
func (m *comparison) takeUp(d *Connection, old federation.Connection) (*federation.Provider, bool, error) {
	if !d.Metadata.Said || d.MetadataURL.or(old.MetadataURL) != "" {
		return nil, true, nil
	}
	if same, err := metadataOf(old); err != nil || same == d.Metadata.Value {
		return nil, err == nil, err
	}
	provider, ok, err := m.provider(d.Metadata)
	if err != nil || !ok {
		return nil, false, err
	}
	var now federation.Connection
	provider.Into(&now)
	if now.EntityID == old.EntityID && now.SSORedirect == old.SSORedirect && now.SSOPost == old.SSOPost &&
		now.SLORedirect == old.SLORedirect && now.SLOPost == old.SLOPost && slices.Equal(now.Certificates, old.Certificates) {
		return nil, true, nil // also where it only sets another end
	}
	wrong := old.MayBecome(provider)
	if err := m.wrong(wrong, d.Metadata.Place, nil); err != nil {
		return nil, false, err
	}
	return &provider, wrong == nil, nil
}
