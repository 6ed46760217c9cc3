using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

/// <summary>
/// Digests of small trainings that together go through every optimizer, activation, schedule and kind of dropout. A change of one is a
/// change of what users' runs give: it is decided, and named in the changelog.
/// </summary>
public class PinnedDigestTests
{
    private static readonly Dictionary<string, (RunSpec Spec, string Sha256)> Runs = new()
    {
        ["sgd"] = (
            TestRuns.Spec(momentum: 0, l2: 0),
            "978ea57db1cbdc75d6fa44e942184ddf593e6e3dafcf2bc3b352a131098ff728"),
        ["sgd, momentum, l2, warm-up and steps"] = (
            TestRuns.Spec(schedule: LearningRateSchedule.Parse("step:1:0.5+warmup:3")),
            "8661ac2be60974283b6232a5625aaf6548d63fd2bdfc391f3f3e5a8efcafcd42"),
        ["sgd, cosine, few outputs"] = (
            TestRuns.Spec("64-5", examples: 50, schedule: LearningRateSchedule.Parse("cosine:0.1")),
            "9dda12f65351cccd33a527782d06b5b097178e52e3829a07e2480e662522a8f9"),
        ["adamw"] = (
            TestRuns.Spec(optimizer: new AdamWSpec { LearningRate = 0.01 }),
            "f746a5e0964b205d292c9553b59054953865c8e49055ecc16f51ec210dde0df2"),
        ["adamw, l2, cosine"] = (
            TestRuns.Spec(optimizer: new AdamWSpec
            {
                LearningRate = 0.01,
                L2 = 1e-3,
                Beta2 = 0.9,
                Schedule = LearningRateSchedule.Parse("cosine"),
            }),
            "6656985fa35fa097d8a25473de1a622c1709eb777b0f87cd96c193448a4cd066"),
        ["sgd, nesterov"] = (
            TestRuns.Spec(optimizer: new SgdSpec { LearningRate = 0.1, Momentum = 0.9, IsNesterov = true, L2 = 1e-3 }),
            "fbd12e69de4e609ed4924f016c91c861e306a682d8bd591ac3c1281b09a21d6f"),
        ["sgd, clipped"] = (
            TestRuns.Spec(optimizer: new SgdSpec { LearningRate = 0.1, Momentum = 0.9, ClipNorm = 0.5 }),
            "e2c66c9208a19970acd76fcea723709dd921468188f3476ca4a52ddb153c36a2"),
        ["adam, l2, clipped"] = (
            TestRuns.Spec("20-700-5", optimizer: new AdamWSpec { LearningRate = 0.01, WeightDecay = 0, L2 = 1e-3, ClipNorm = 0.5 }),
            "68a874a83e65c59744d12f58c90a1b6fd6c33a08e138d7fde82d1d0bdbbdc994"),
        ["smoothed labels"] = (
            TestRuns.Spec() with { LabelSmoothing = 0.1 },
            "88e4227689a7128aa17e4d19e45317c73c1c0e920d073435a3c620dde03bafb3"),
        ["class weights"] = (
            TestRuns.Spec() with { ClassWeights = [0.5, 2.0, 0.0, 1.0, 1.0 / 3.0] },
            "fe2da80001dd0f9e02281154152aca41004fbb07ff26f7fd198aa680eec0efd3"),
        ["smoothed labels, class weights"] = (
            TestRuns.Spec() with { LabelSmoothing = 0.1, ClassWeights = [0.5, 2.0, 0.0, 1.0, 1.0 / 3.0] },
            "3f18718eea5930ef158f67541736cef5aee4513359d53ab58186404ecbdf97bf"),
        ["tanh"] = (
            TestRuns.Spec(activation: Activation.Tanh),
            "9d334030eddd77bbbba8cb015d989a15a6ad00b7454d0a5b2098fead434982d9"),
        ["sigmoid, truncated normal"] = (
            TestRuns.Spec(activation: Activation.Sigmoid, initializer: Initializer.Parse("truncated_normal(0, 0.1)")),
            "56e858f61cab31a742eef0c42498223a62413245d30bdc51ee478304ad548567"),
        ["leaky relu"] = (
            TestRuns.Spec(activation: Activation.LeakyRelu),
            "08460ff281f357489c003524202d72fb502e62b1e1d19c993e985fb4ae17e0ed"),
        ["linear, uniform"] = (
            TestRuns.Spec(activation: Activation.Linear, initializer: Initializer.Parse("uniform(-0.1, 0.2)")),
            "333137429e13f989805c75fe11028b003009a0ab5890be5c5b44c345cc1da27e"),
        // So many draws that some fall on the threshold itself, which says how it is rounded: 0.8 · 65536 = 52428.8.
        ["dropout of a wide layer"] = (
            TestRuns.Spec("20-2048-5", batchSize: 32, examples: 64, keepProb: 0.8),
            "8285a2c3d9bcad7483eeaf1b9a6dd133d0768b027daedbd8d61f45af4e82e2bb"),
        ["dropout of the input"] = (
            TestRuns.Spec("20-17-5", inputKeepProb: 0.8, keepProb: 0.5, activation: Activation.Tanh),
            "8ebf7f1a3b3190c72f7d29efb67595563b53c14a7bac3511b7c67304bf7ed187"),
        ["frozen, rates of their own"] = (
            Tuned(TestRuns.Spec("20-17-9-5")),
            "f16c4110e028d37a902fd2a0fb4614e3aef0d2ea5a2f5517a1bdd233352f10a8"),
    };

    public static TheoryData<string> Names => [.. Runs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_KnownSpec_HasItsDigest(string name)
    {
        (RunSpec spec, string expected) = Runs[name];
        var trainer = new LocalTrainer(spec, TestRuns.Images(spec));
        trainer.Run(spec.TotalSteps);
        Assert.Equal(expected, trainer.WeightsSha256);
    }

    private static RunSpec Tuned(RunSpec spec) => spec with
    {
        Model = spec.Model.WithParameters(parameter => parameter.Name switch
        {
            "layer0/weights" => parameter with { IsTrainable = false },
            "layer1/weights" => parameter with { LearningRate = 0.02, L2 = 0.01 },
            "layer2/biases" => parameter with { L2 = 0.1, Initializer = Initializer.Parse("constant(0.5)") },
            _ => parameter,
        }),
    };
}
