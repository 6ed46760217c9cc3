using System.Reflection;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Xunit.Sdk;

namespace Lockstep.Model.Tests;

/// <summary>
/// Entry point of this assembly as a program: prints the kernels' form, the digest of a short training and the fingerprint, and, with the
/// argument <c>kernels</c>, runs the tests of kernels and augmentation; in a process of its own, whose environment limits the
/// processor's instructions. See <see cref="Kernels.KernelProcessTests"/>.
/// </summary>
internal static class KernelSelfCheck
{
    public static int Main(string[] arguments)
    {
        RunSpec spec = TestRuns.Spec(
            "60-150-20-10", batchSize: 13, shards: 6, examples: 60, keepProb: 0.7, schedule: LearningRateSchedule.Parse("cosine+warmup:3"));
        var trainer = new LocalTrainer(spec, TestRuns.Images(spec));
        trainer.Run(spec.TotalSteps);

        Console.WriteLine($"{KernelDispatch.Width} {trainer.WeightsSha256} {NumericsFingerprint.Compute(NumericsFingerprint.EveryKind)}");
        return arguments.Contains("kernels") ? RunKernelTests() : 0;
    }

    private static int RunKernelTests()
    {
        int run = 0, failed = 0;
        foreach (MethodInfo method in KernelTests())
        {
            foreach (object[] values in Cases(method))
            {
                run++;
                try
                {
                    method.Invoke(Activator.CreateInstance(method.DeclaringType!), values);
                }
                catch (TargetInvocationException e)
                {
                    failed++;
                    Console.Error.WriteLine($"{method.Name}({string.Join(", ", values)}): {e.InnerException!.Message}");
                }
            }
        }

        return failed == 0 && run > 0 ? 0 : 1;
    }

    private static IEnumerable<MethodInfo> KernelTests() =>
        typeof(KernelSelfCheck).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(Augmenting.ImageAugmenterTests).Namespace
                || (type.Namespace == typeof(Kernels.KernelProcessTests).Namespace && type != typeof(Kernels.KernelProcessTests)))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null);

    private static IEnumerable<object[]> Cases(MethodInfo method) =>
        method.GetCustomAttribute<TheoryAttribute>() is null
            ? [[]]
            : method.GetCustomAttributes<DataAttribute>().SelectMany(data => data.GetData(method));
}
