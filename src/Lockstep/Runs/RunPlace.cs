namespace Lockstep.Runs;

/// <summary>Where in a run something happened, as far as it is known.</summary>
/// <param name="Run">The run, as 16 hexadecimal digits.</param>
/// <param name="Term">Leadership of the run.</param>
/// <param name="Step">Completed steps.</param>
/// <param name="Worker">HOST:PORT of the worker.</param>
internal readonly record struct RunPlace(string? Run = null, int? Term = null, long? Step = null, string? Worker = null);
