using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Lockstep.Hostile.Tests;

/// <summary>
/// Thousands of bad inputs for every parser, made of good ones, the same in every run. More of them: LOCKSTEP_FUZZ_ITERATIONS, from another
/// LOCKSTEP_FUZZ_SEED; see CONTRIBUTING.md.
/// </summary>
public class FuzzTests(ITestOutputHelper output)
{
    private const int DefaultIterations = 700;

    private static readonly int Iterations = Number(
        "LOCKSTEP_FUZZ_ITERATIONS", DefaultIterations), FirstSeed = Number("LOCKSTEP_FUZZ_SEED", 1);

    public static TheoryData<string> Names => EveryByteTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Parser_OnBadInput_RefusesOrReadsIt(string name)
    {
        Parser parser = Parsers.Named(name);
        byte[][] corpus = [.. Corpus.Of(parser).Select(input => input.Bytes)];
        int read = 0;
        var slowest = (Seed: 0, Time: TimeSpan.Zero);
        for (int i = 0; i < Iterations; i++)
        {
            int seed = FirstSeed + i;
            byte[] bytes = Mutation.Make(seed, corpus);
            long start = Stopwatch.GetTimestamp();
            try
            {
                read += parser.Try(bytes) ? 1 : 0;
            }
            catch (Exception e)
            {
                string file = Path.Combine(Path.GetTempPath(), $"lockstep-{name}-{seed}.bin");
                File.WriteAllBytes(file, bytes);
                Assert.Fail($"{name}, seed {seed}: {bytes.Length} bytes, kept in {file}. Again: LOCKSTEP_FUZZ_SEED={seed} "
                    + "LOCKSTEP_FUZZ_ITERATIONS=1 "
                    + $"dotnet test -c Release tests/Hostile.Tests --filter Parser_OnBadInput\n{e}");
            }

            TimeSpan time = Stopwatch.GetElapsedTime(start);
            if (time > slowest.Time)
                slowest = (seed, time);
        }

        output.WriteLine($"{name}: {Iterations:N0} inputs, {read:N0} read, the others refused; slowest "
            + $"{slowest.Time.TotalMilliseconds:N0} ms, seed {slowest.Seed}");
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
