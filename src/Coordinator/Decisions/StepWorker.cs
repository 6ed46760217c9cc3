namespace Lockstep.Coordinator.Decisions;

/// <summary>A worker whose stream is open, as the steps need to know it.</summary>
/// <param name="Worker">Who.</param>
/// <param name="Lanes">Compute threads.</param>
/// <param name="IsLeaving">It answers what it was asked, and is asked for nothing more.</param>
internal readonly record struct StepWorker(WorkerId Worker, int Lanes, bool IsLeaving = false);
