using System.Diagnostics;
using System.Runtime.InteropServices;
using Lockstep.Model.Simd;

namespace Lockstep.Bench.Compare;

/// <summary>Where and with what was measured.</summary>
internal sealed record Machine(
    string Processor, int Cores, string System, string Runtime, string Vectors, string Commit, double FmaGigaflops,
    double BandwidthGigabytes, double LoadBefore)
{
    public static Machine Measure() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        KernelDispatch.Width.ToString(),
        CommitHash(),
        FmaPeak.Measure(TimeSpan.FromSeconds(0.5)) / 1e9,
        MemoryBandwidth.Measure(TimeSpan.FromSeconds(0.5)) / 1e9,
        Load());

    public override string ToString() =>
        $"{Processor}, {Cores} cores, {System}, {Runtime}, vectors {Vectors}; one core: {FmaGigaflops:0.0} GFLOP/s of fused "
            + $"multiply-adds, {BandwidthGigabytes:0.0} GB/s read from memory; load before: {LoadBefore:0.0}; commit {Commit}";

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    /// <summary>Processes that wanted to run in the last minute: what others did to the figures.</summary>
    private static double Load()
    {
        const string file = "/proc/loadavg";
        return File.Exists(file)
            ? double.Parse(File.ReadAllText(file).Split(' ')[0], global::System.Globalization.CultureInfo.InvariantCulture)
            : double.NaN;
    }

    private static string CommitHash()
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo(
                "git", ["describe", "--always", "--dirty"])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string hash = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return hash.Length > 0 ? hash : "unknown";
        }
        catch (global::System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
