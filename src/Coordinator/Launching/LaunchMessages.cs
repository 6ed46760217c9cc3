
// What started workers tell the coordinator of their machine.
namespace Lockstep.Coordinator.Launching;

/// <summary>Launched workers -> coordinator: a process started here has ended; its worker was on <paramref name="Host"/>, or (null) this machine.</summary>
internal sealed record LaunchedWorkerExited(int Process, string? Host, int ExitCode, string LastWords);

/// <summary>Launched workers -> coordinator, some times while it takes long: how much of the program a machine has got.</summary>
internal sealed record LaunchProgressed(string Host, long Bytes, long TotalBytes);
