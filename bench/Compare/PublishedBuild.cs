using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Lockstep.Bench.Compare;

/// <summary>The <c>lockstep</c> program as users have it: published for this platform.</summary>
internal sealed class PublishedBuild
{
    private readonly string _program;

    private PublishedBuild(string program) => _program = program;

    /// <summary>Path of the executable.</summary>
    public string Program => _program;

    public static PublishedBuild Make(string folder)
    {
        string project = typeof(PublishedBuild).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "CliProject").Value!;
        Console.Error.WriteLine("publishing lockstep");
        using Process publish = Process.Start(new ProcessStartInfo(
            "dotnet",
            ["publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier.StartsWith("linux", StringComparison.Ordinal)
                ? PortableLinux
                : RuntimeInformation.RuntimeIdentifier, "-o", folder])
        {
            RedirectStandardOutput = true,
        })!;
        string output = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        if (publish.ExitCode != 0)
            throw new InvalidOperationException($"'dotnet publish {project}' ended with exit code {publish.ExitCode}:\n{output}");
        return new PublishedBuild(Path.Combine(folder, OperatingSystem.IsWindows() ? "lockstep.exe" : "lockstep"));
    }

    /// <summary>
    /// Starts the program. Its standard output is for the caller to read; what it says on standard error is shown if it fails.
    /// </summary>
    public LockstepRun Start(IEnumerable<string> arguments) => new(_program, arguments);

    private static string PortableLinux => $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
}
