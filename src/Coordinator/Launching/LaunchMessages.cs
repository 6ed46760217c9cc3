
// Messages from started workers to the coordinator of their machine.
namespace Lockstep.Coordinator.Launching;

/// <summary>
/// Launched workers -> coordinator: a process started here has ended. Its worker ran on <paramref name="Host"/>, or (null) on this machine.
/// </summary>
internal sealed record LaunchedWorkerExited(int Process, string? Host, int ExitCode, string LastWords);

/// <summary>Launched workers -> coordinator, at intervals during a long copy: how much of the program a machine has received.</summary>
internal sealed record LaunchProgressed(string Host, long Bytes, long TotalBytes);
