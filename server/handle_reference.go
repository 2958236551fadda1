package server

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"

	"tenon/engine"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/schema"
)

// schemaList lists the published JSON Schemas of documents.
func (s *Server) schemaList(x *exchange) error {
	return s.sendDescription(x, "schemas", func() ([]byte, error) {
		list := []member{}
		for _, kind := range metamodel.Kinds {
			var head struct {
				ID          string `json:"$id"`
				Title       string `json:"title"`
				Description string `json:"description"`
			}
			if err := json.Unmarshal(schema.JSON(kind), &head); err != nil {
				return nil, fmt.Errorf("schema of %s: %w", kind, err)
			}
			list = append(list, member{"kind": kind, "id": head.ID, "title": head.Title, "description": head.Description, "url": apiPath + "schemas/" + string(kind)})
		}
		return json.Marshal(member{"schemas": list})
	})
}

// schemaGet gives one of them, as editors and validators load it.
func (s *Server) schemaGet(x *exchange) error {
	kind := metamodel.Kind(x.c.Params("kind"))
	if !slices.Contains(metamodel.Kinds, kind) {
		return diag.Refuse("document.not_found", "", "name", clip(string(kind)))
	}
	if err := s.sendDescription(x, "schemas:"+string(kind), func() ([]byte, error) { return schema.JSON(kind), nil }); err != nil {
		return err
	}
	x.c.Response().Header.SetContentType("application/schema+json")
	return nil
}

// functionList describes the language of expressions, in the caller's language.
func (s *Server) functionList(x *exchange) error {
	lang := x.locale()
	return s.sendDescription(x, "functions:"+lang, func() ([]byte, error) { return engine.Language(lang) })
}

// sendDescription sends what is the same for everybody until the program changes.
func (s *Server) sendDescription(x *exchange, key string, write func() ([]byte, error)) error {
	r, err := s.describer.get(key, write)
	if err != nil {
		return err
	}
	x.c.Response().Header.Set(fiber.HeaderVary, "Accept-Encoding, Accept-Language, Authorization, Cookie")
	return x.sendCached(r)
}
