// Package event brings committed changes to those who watch. A Bus reads the outbox in commit order, asks for
// each event what which group of actors may see of it, and fans the answer out to bounded queues. Nobody is
// waited for: who reads too slowly is told to read everything anew. It must never decide permissions itself and
// never be called inside a transaction.
package event
