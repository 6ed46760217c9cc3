using System.Diagnostics;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Coordinator.Tests.Launching;

public sealed class ChildProcessTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("lockstep-child-").FullName, "pro gram");

    [SkippableTheory]
    [InlineData(null, "it, or a file that it needs, no longer exists")]
    [InlineData(UnixFileMode.UserRead, "you may not execute it. Check whether its disk is mounted with noexec; if not, run: chmod +x '")]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserExecute, "it is damaged, or no program for this machine (")]
    public void Start_FileThatIsNoProgram_SaysWhy(UnixFileMode? mode, string reason)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no modes of files.");
        if (mode is { } given)
        {
            File.WriteAllBytes(_file, [0x7f, 0x45, 0x4c, 0x46, 0, 0]);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(_file, given);
        }

        var error = Assert.Throws<ChildStartException>(() => ChildProcess.Start(new ProcessStartInfo(_file)));
        Assert.StartsWith($"{_file} cannot be started: {reason}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("working directory", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.GetParent(_file)!.Delete(recursive: true);
}
