namespace Lockstep.Runs;

/// <summary>Where in a run something happened, as far as it is known.</summary>
/// <param name="Run">The run, as 16 hexadecimal digits.</param>
/// <param name="Term">Incarnation of the coordinator.</param>
/// <param name="Step">Completed steps.</param>
/// <param name="Worker">HOST:PORT of the worker that it is about.</param>
internal readonly record struct RunPlace(string? Run = null, int? Term = null, long? Step = null, string? Worker = null);
