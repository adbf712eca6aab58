package configuration

import (
	"encoding/xml"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"locum/models/federation"
)

const (
	bindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	bindingPost     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
	maxMetadata     = 5 << 20
)

// entity is as much of an identity provider's metadata as is kept (SAML 2.0
// Metadata, section 2.4.3).
type entity struct {
	XMLName  xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID string   `xml:"entityID,attr"`
	Role     idpRole  `xml:"IDPSSODescriptor"`
}

type idpRole struct {
	Protocols string    `xml:"protocolSupportEnumeration,attr"`
	Keys      []idpKey  `xml:"KeyDescriptor"`
	Logout    []service `xml:"SingleLogoutService"`
	SignOn    []service `xml:"SingleSignOnService"`
}

type idpKey struct {
	Use  string  `xml:"use,attr"`
	Info keyInfo `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo"`
}

type keyInfo struct {
	Certificate string `xml:"X509Data>X509Certificate"`
}

type service struct {
	Binding  string `xml:"Binding,attr"`
	Location string `xml:"Location,attr"`
}

// metadataOf writes the metadata of a connection's provider. All of it is
// public.
func metadataOf(c federation.Connection) (string, error) {
	e := entity{EntityID: c.EntityID, Role: idpRole{Protocols: "urn:oasis:names:tc:SAML:2.0:protocol",
		Logout: services(c.SLORedirect, c.SLOPost), SignOn: services(c.SSORedirect, c.SSOPost)}}
	for _, certificate := range c.Certificates {
		e.Role.Keys = append(e.Role.Keys, idpKey{"signing", keyInfo{certificate}})
	}
	text, err := xml.MarshalIndent(e, "", "  ")
	return string(text) + "\n", err
}

func services(redirect, post string) (list []service) {
	if redirect != "" {
		list = append(list, service{bindingRedirect, redirect})
	}
	if post != "" {
		list = append(list, service{bindingPost, post})
	}
	return list
}

// provider reads the metadata that a connection of the document gives: the XML
// itself, or the file at a path.
func (m *comparison) provider(said Text) (p federation.Provider, ok bool, err error) {
	text := []byte(said.Value)
	if !strings.HasPrefix(strings.TrimLeft(said.Value, "\ufeff \t\r\n"), "<") {
		if text, ok = m.file(said); !ok {
			return p, false, nil
		}
	}
	p, wrong := m.Describe(text)
	return p, wrong == nil, m.wrong(wrong, said.Place, nil)
}

func (m *comparison) file(said Text) ([]byte, bool) {
	if m.Files == nil || !filepath.IsLocal(said.Value) {
		m.add(said.Place, "metadata is XML, or a path to a file at or below the folder of this document, and %s is neither", quote(shorten(said.Value)))
		return nil, false
	}
	f, err := m.Files.Open(path.Clean(filepath.ToSlash(said.Value)))
	if err != nil {
		m.add(said.Place, "the file %s cannot be read: %v", quote(shorten(said.Value)), reason(err))
		return nil, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxMetadata+1))
	if err != nil {
		m.add(said.Place, "the file %s cannot be read: %v", quote(shorten(said.Value)), reason(err))
		return nil, false
	}
	return text, true
}

// reason is an error of the file system without the path, which was said.
func reason(err error) error {
	if of, is := err.(*fs.PathError); is {
		return of.Err
	}
	return err
}
