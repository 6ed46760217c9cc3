namespace Lockstep.Coordinator.Decisions;

/// <summary>A worker with an open stream, as <see cref="StepDecisions{T}"/> needs it.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Lanes">Compute threads.</param>
/// <param name="IsLeaving">It answers earlier requests and gets no new ones.</param>
internal readonly record struct StepWorker(WorkerId Worker, int Lanes, bool IsLeaving = false);
